import type { AmplitudeEvent } from '../vendor.js';
import { isAllZero } from './ids.js';
import { fieldsOf, numberOf, present, textOf, type Fields } from './read.js';

type ContextFields = Omit<AmplitudeEvent, 'event_type' | 'insert_id'>;

/** What every event says of device, app, place and language. */
export function contextFieldsOf(message: Fields): ContextFields {
  const context = fieldsOf(message['context']);
  const device = fieldsOf(context['device']);
  const os = fieldsOf(context['os']);
  const location = fieldsOf(context['location']);
  const locale = context['locale'];
  return present<ContextFields>({
    app_version: textOf(fieldsOf(context['app'])['version']),
    platform: platformOf(device, context),
    os_name: textOf(os['name']),
    os_version: textOf(os['version']),
    device_brand: textOf(device['brand']),
    device_manufacturer: textOf(device['manufacturer']),
    device_model: textOf(device['model']),
    carrier: textOf(fieldsOf(context['network'])['carrier']),
    // Where the request came from, never the postal address of the traits.
    country: textOf(location['country']),
    region: textOf(location['region']),
    city: textOf(location['city']),
    dma: textOf(location['dma']),
    location_lat: numberOf(location['latitude']),
    location_lng: numberOf(location['longitude']),
    language: typeof locale === 'string' ? textOf(locale) : undefined,
    ip: ipOf(context['ip']),
    // Amplitude parses it itself; explicit os and device fields win over it.
    user_agent: textOf(context['userAgent']),
    ...advertisingIdsOf(device),
  });
}

const platforms: Readonly<Record<string, string>> = { ios: 'iOS', android: 'Android' };

function platformOf(device: Fields, context: Fields): string | undefined {
  const type = textOf(device['type']);
  if (type !== undefined) return platforms[type.toLowerCase()] ?? type;
  return fieldsOf(context['library'])['name'] === 'analytics.js' ? 'Web' : undefined;
}

/** `$remote` would stand for the address of this process, not the user's. */
function ipOf(value: unknown): string | undefined {
  const ip = textOf(value);
  return ip === '$remote' ? undefined : ip;
}

const appleTypes = new Set(['ios', 'ipados', 'tvos', 'watchos']);

/** By platform; nothing for a user who has switched tracking off. */
function advertisingIdsOf(device: Fields): Pick<ContextFields, 'idfa' | 'idfv' | 'adid'> {
  const type = textOf(device['type'])?.toLowerCase() ?? '';
  const usable = (value: unknown): string | undefined => {
    const id = textOf(value);
    return id === undefined || isAllZero(id) ? undefined : id;
  };
  const advertisingId = device['adTrackingEnabled'] === false ? undefined : usable(device['advertisingId']);
  if (appleTypes.has(type)) return present({ idfa: advertisingId, idfv: usable(device['id']) });
  return type === 'android' ? present({ adid: advertisingId }) : {};
}
