import type {
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBValue,
  DuckDBValueConverter,
  Json,
} from '@duckdb/node-api';
import { isNestedTooDeep } from '../../trace/index.ts';

export type ToJson = DuckDBValueConverter<unknown>;

/**
 * From DuckDB's values to those of JSON: whole numbers that JavaScript can't hold exactly and decimals of more than 15
 * digits become text, dates and times ISO 8601, maps objects.
 */
export function jsonConverter(duckdb: typeof import('@duckdb/node-api')): ToJson {
  const { DuckDBTypeId: id, JsonDuckDBValueConverter: convertJson, DuckDBTimestampValue: Timestamp } = duckdb;

  const utc = (micros: bigint) => `${isoTime(new Timestamp(micros))}Z`;
  const convert: ToJson = (value, type) => {
    if (value === null) return null;
    if (typeof value === 'bigint') return numberOrText(value);
    switch (type.typeId) {
      case id.VARCHAR:
        return type.alias === 'JSON' ? parseJson(value as string) : (value as string);
      case id.DECIMAL: {
        const written = String(value);
        return written.replace(/\D/g, '').length <= 15 ? Number(written) : written;
      }
      case id.TIMESTAMP:
      case id.TIMESTAMP_S:
      case id.TIMESTAMP_MS:
      case id.TIMESTAMP_NS:
        return isoTime(value);
      case id.TIMESTAMP_TZ:
        return utc((value as { micros: bigint }).micros);
      case id.INTERVAL:
        return String(value);
      case id.MAP:
        return Object.fromEntries(entriesOf(value, type, convert));
      default:
        return convertJson(value, type, convert as DuckDBValueConverter<Json>);
    }
  };
  return convert;
}

function numberOrText(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function isoTime(value: DuckDBValue | DuckDBTimestampValue): string {
  return String(value).replace(' ', 'T');
}

function entriesOf(value: DuckDBValue, type: DuckDBType, convert: ToJson): (readonly [string, unknown])[] {
  const { keyType, valueType } = type as unknown as { keyType: DuckDBType; valueType: DuckDBType };
  const { entries } = value as { entries: readonly { key: DuckDBValue; value: DuckDBValue }[] };
  return entries.map((entry) => [
    String(convert(entry.key, keyType, convert)),
    convert(entry.value, valueType, convert),
  ]);
}

/** A JSON text as values; whole numbers that would lose digits, and what is nested too deep, stay the text that they are. */
export function parseJson(json: string): Json {
  if (isNestedTooDeep(json)) return json;
  return JSON.parse(json, (_key, value: Json, context?: { source: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !context) return value;
    return /^-?\d+$/.test(context.source) ? context.source : value;
  }) as Json;
}
