import type { DestinationCase, ExpectedOutcome } from './case.js';

/** A field of the vendor and what it is made from. */
export interface MappingRow {
  readonly to: string;
  /** The first that is there wins, unless a note says otherwise. */
  readonly from: readonly string[];
  readonly notes: readonly string[];
}

/** What the vendor says and what becomes of the jobs. */
export interface AnswerRow {
  readonly answer: string;
  readonly outcome: string;
}

/** The rows that a destination's cases prove, in the order of the cases. */
export interface DestinationTables {
  readonly mapping: readonly MappingRow[];
  readonly answers: readonly AnswerRow[];
}

export function tablesOf(cases: readonly DestinationCase[]): DestinationTables {
  return { mapping: mappingOf(cases), answers: answersOf(cases) };
}

function mappingOf(cases: readonly DestinationCase[]): readonly MappingRow[] {
  const rows = new Map<string, { to: string; from: string[]; notes: string[] }>();
  for (const { to, from, note } of cases.flatMap(({ maps }) => maps ?? [])) {
    const row = rows.get(to) ?? { to, from: [], notes: [] };
    rows.set(to, row);
    if (!row.from.includes(from)) row.from.push(from);
    if (note !== undefined && !row.notes.includes(note)) row.notes.push(note);
  }
  return [...rows.values()];
}

function answersOf(cases: readonly DestinationCase[]): readonly AnswerRow[] {
  const rows = new Map<string, AnswerRow>();
  for (const { answer, outcomes, events } of cases) {
    if (answer === undefined) continue;
    const outcome = outcomeOf(outcomes ?? events.map(() => ({ outcome: 'succeeded' })));
    const known = rows.get(answer);
    if (known && known.outcome !== outcome)
      throw new Error(`Two cases say different things of "${answer}": "${known.outcome}" and "${outcome}"`);
    rows.set(answer, { answer, outcome });
  }
  return [...rows.values()];
}

/** `discarded, the others succeeded` */
function outcomeOf(outcomes: readonly ExpectedOutcome[]): string {
  const sentences = [...new Set(outcomes.map(sentenceOf))];
  const others = sentences.indexOf('succeeded');
  if (sentences.length === 1 || others < 0) return sentences.join('; or: ');
  return [...sentences.toSpliced(others, 1), 'the others succeeded'].join('; ');
}

function sentenceOf(o: ExpectedOutcome): string {
  const code = o.code === undefined ? '' : ` (\`${o.code}\`)`;
  const waits = { job: 'the job', user: 'its user', lane: 'the lane' }[o.scope ?? 'job'];
  const parts = [
    `${o.outcome}${code}`,
    ...(o.hold === undefined ? [] : ['the lane is held']),
    ...(o.retryAfterMs === undefined ? [] : [`${waits} waits ${durationOf(o.retryAfterMs)}`]),
    ...(o.retryAfterMs === undefined && (o.scope ?? 'job') !== 'job' ? [`${waits} waits`] : []),
    ...(o.countsAsAttempt === false ? ['not counted as an attempt'] : []),
  ];
  return parts.join(', ');
}

function durationOf(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  const fits = units.find(([, size]) => ms >= size && ms % size === 0);
  return fits ? `${ms / fits[1]} ${fits[0]}` : `${ms} ms`;
}
