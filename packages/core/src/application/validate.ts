import type { ApplicationOptions } from '../contracts/application.js';
import type { Destination, Schedule } from '../contracts/destination.js';
import type { Validation } from '../contracts/events.js';
import type { Source } from '../contracts/source.js';
import { FragmentError } from '../errors/fragment-error.js';
import { parseSchedule } from '../schedule/schedule.js';
import { batchWaitFault } from './batch-wait.js';
import { pathsOf } from './paths.js';
import type { Report } from './report.js';
import type { Settings } from './settings.js';
import { checkSettings } from './validate-settings.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.()-]{0,63}$/;

/**
 * Checks what the types cannot: names, routes, schedules, runners.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem, or FRAGMENT_TRIGGER_NO_RUNNER.
 */
export function validateOptions(o: ApplicationOptions, settings: Settings): void {
  const validations: Validation[] = [];
  const report: Report = (path, message) => validations.push({ path, message });
  checkNames('sources', o.sources, report);
  checkNames('destinations', o.destinations, report);
  checkRoutes(o.sources, report);
  for (const source of o.sources) checkTriggers(source, report);
  for (const destination of o.destinations) checkDestination(destination, report);
  checkSettings(settings, report);
  if (validations.length > 0) {
    const detail = validations.map((v) => `${v.path.join('.')}: ${v.message}`).join('; ');
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', { detail, validations });
  }
  checkRunners(o.sources);
}

function checkNames(kind: string, items: readonly { readonly name: string }[], report: Report): void {
  const seen = new Set<string>();
  for (const { name } of items) {
    if (!NAME.test(name)) {
      report([kind, name], 'must be 1 to 64 letters, digits, or _ . - ( ), starting with a letter or digit');
    }
    if (seen.has(name)) report([kind, name], 'is there twice; give one of them another `name`');
    seen.add(name);
  }
}

function checkRoutes(sources: readonly Source[], report: Report): void {
  const taken = new Map<string, string>();
  for (const source of sources) {
    for (const trigger of source.triggers) {
      if (trigger.mode !== 'http') continue;
      const at = ['sources', source.name, 'triggers', trigger.name, 'route'];
      if (trigger.route.methods.length === 0) report([...at, 'methods'], 'must name a method');
      const paths = pathsOf(trigger.route);
      if (paths.length === 0) report([...at, 'path'], 'must name a path');
      for (const path of paths) {
        for (const problem of pathProblems(path)) report([...at, 'path'], problem);
        for (const method of trigger.route.methods) {
          const key = `${method.toUpperCase()} ${path.replace(/\/:[^/]+/g, '/:')}`;
          const owner = taken.get(key);
          if (owner !== undefined) report(at, `${key} is already served by ${owner}; set another prefix`);
          taken.set(key, `${source.name}/${trigger.name}`);
        }
      }
    }
  }
}

function pathProblems(path: string): string[] {
  const problems = path.startsWith('/') ? [] : ['must start with /'];
  const names = path.split('/').flatMap((segment) => (segment.startsWith(':') ? [segment.slice(1)] : []));
  if (names.some((name) => !/^\w+$/.test(name)))
    problems.push('must name each `:` segment in letters and digits');
  if (new Set(names).size < names.length) problems.push('must not use one name for two segments');
  return problems;
}

function checkTriggers(source: Source, report: Report): void {
  checkNames(`sources.${source.name}.triggers`, source.triggers, report);
  for (const trigger of source.triggers) {
    if (trigger.mode !== 'cron' || parseSchedule(trigger.schedule)) continue;
    report(['sources', source.name, 'triggers', trigger.name, 'schedule'], scheduleMessage(trigger.schedule));
  }
}

const scheduleMessage = (text: string): string =>
  `'${text}' is no schedule; use @every 20s, @hourly, @daily or a cron pattern such as */5 * * * *`;

function checkDestination(destination: Destination, report: Report): void {
  const at = ['destinations', destination.name];
  checkNames(at.join('.') + '.actions', destination.actions, report);
  checkSchedule(destination.schedule, [...at, 'schedule'], report);
  for (const action of destination.actions) {
    checkSchedule(action.schedule, [...at, 'actions', action.name, 'schedule'], report);
    if (action.batch && !(action.batch.maxJobs >= 1)) {
      report([...at, 'actions', action.name, 'batch', 'maxJobs'], 'must be 1 or more');
    }
    const fault = batchWaitFault(action.batch?.maxWaitMs);
    if (fault !== undefined) report([...at, 'actions', action.name, 'batch', 'maxWaitMs'], fault);
  }
}

function checkSchedule(schedule: Partial<Schedule> | undefined, at: readonly string[], report: Report): void {
  if (schedule?.interval !== undefined && !parseSchedule(schedule.interval)) {
    report([...at, 'interval'], scheduleMessage(schedule.interval));
  }
  if (schedule?.realtime === false && schedule.interval === undefined) {
    report([...at, 'interval'], 'is needed when realtime is false, for instance @every 1h');
  }
  if (schedule?.maxRetries !== undefined && !(schedule.maxRetries >= 0)) {
    report([...at, 'maxRetries'], 'must be 0 or more');
  }
  if (schedule?.maxAgeMs !== undefined && !(schedule.maxAgeMs > 0))
    report([...at, 'maxAgeMs'], 'must be above 0');
}

function checkRunners(sources: readonly Source[]): void {
  for (const source of sources) {
    for (const trigger of source.triggers) {
      if (trigger.mode === 'http' || trigger.mode === 'cron') continue;
      throw new FragmentError('FRAGMENT_TRIGGER_NO_RUNNER', {
        detail: `${source.name}/${trigger.name} has the mode ${trigger.mode}.`,
      });
    }
  }
}
