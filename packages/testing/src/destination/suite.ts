import type { FakeRequest } from '../vendors/fake-vendor.js';
import { checkOthers } from './beside.js';
import type { DestinationCase, LoadedCase } from './case.js';
import type { DestinationUnderTest } from './delivery.js';
import { allFields, messageTypes, requiredOnly, type GeneratedType } from './messages.js';
import { checkHostile, checkInvalid, checkRepeat, checkSecrets, checkSignal, tracesOf } from './promises.js';
import { runCase } from './run-case.js';

export interface DestinationSuite extends DestinationUnderTest {
  /** Of `loadCases`. */
  readonly cases: readonly (DestinationCase | LoadedCase)[];
  /** Texts that nothing may ever show: the keys that `create` uses. Default none. */
  readonly secrets?: readonly string[];
  /** What of a request is the same in every try of a job. Default its whole body. */
  readonly identity?: (request: FakeRequest) => unknown;
  /** Of the hostile messages. Default 1. */
  readonly seed?: number;
}

/** What the kit uses of jest or vitest; of `node:test` too, which has no snapshots. */
export interface TestFramework {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
  /** Without it there are no snapshots. */
  readonly expect?: (value: unknown) => { toMatchSnapshot(): unknown };
}

/**
 * Declares the tests of a destination: one per case, one snapshot of the requests per message type, and what every
 * destination promises, whatever its vendor.
 *
 * ```ts
 * testDestination(
 *   {
 *     name: 'amplitude',
 *     create: (endpoint, options) => amplitude({ apiKey: 'key', endpoint, ...options }),
 *     fake: () => startFakeAmplitude({ apiKey: 'key' }),
 *     cases: await loadCases(new URL('../cases/', import.meta.url)),
 *     secrets: ['key'],
 *   },
 *   { describe, it, expect },
 * );
 * ```
 */
export function testDestination(suite: DestinationSuite, { describe, it, expect }: TestFramework): void {
  const names = new Set(suite.create('http://127.0.0.1:1', {}).actions.map(({ name }) => name));
  const types = messageTypes.filter((type) => names.has(type));
  describe(`destination ${suite.name}`, () => {
    for (const one of suite.cases) {
      const file = 'file' in one ? `${one.file}: ` : '';
      it(`${file}${one.name}`, () => runCase(suite, one));
    }
    if (expect) {
      for (const type of types) {
        it(`${type} with its required fields alone`, async () => {
          expect(await tracesOf(suite, requiredOnly(type))).toMatchSnapshot();
        });
        it(`${type} with every field of the specification`, async () => {
          expect(await tracesOf(suite, allFields(type))).toMatchSnapshot();
        });
      }
    }
    declarePromises(suite, types, it);
  });
}

function declarePromises(
  suite: DestinationSuite,
  types: readonly GeneratedType[],
  it: TestFramework['it'],
): void {
  const { seed = 1, secrets = [], identity = ({ text }: FakeRequest) => text } = suite;
  it('sends the same when a job is tried again', () => checkRepeat(suite, types, identity));
  it('sends nothing for a message that is invalid by itself', () => checkInvalid(suite, types));
  for (const type of types) {
    it(`survives hostile ${type} messages (seed ${seed}), and so do those beside them`, () =>
      checkHostile(suite, type, seed));
    it(`ends a call of ${type} whose time is over`, () => checkSignal(suite, type));
    it(`keeps with a job of ${type} nothing of the jobs beside it`, () => checkOthers(suite, type, secrets));
    if (secrets.length > 0)
      it(`shows no secret that an answer to ${type} echoes`, () => checkSecrets(suite, type, secrets));
  }
}
