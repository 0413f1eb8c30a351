/** The standard variables of OpenTelemetry that traces heed. None set: there are no traces, and they cost nothing. */
import { limits } from '../domain/limits.ts';
import { Misfit, oneOf, type Parser, text, url, wholeNumber } from './parsers.ts';
import { defaulted, optional, secret } from './variable.ts';

const samplers = oneOf(
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
);

/** `true` in any case; everything else means false, as OpenTelemetry has it. */
const trueOnly: Parser<boolean> = (given) => given.toLowerCase() === 'true';

const ratio: Parser<number> = (given) => {
  const value = /^(0|1|[01]?\.\d{1,9}|[01]\.0*)$/.test(given) ? Number(given) : Number.NaN;
  return value >= 0 && value <= 1 ? value : new Misfit('must be a number from 0 to 1');
};

/** `name=value,name=value`, values percent-encoded. */
const pairs: Parser<Readonly<Record<string, string>>> = (given) => {
  const read: Record<string, string> = {};
  for (const pair of given.split(',').filter((one) => one.trim() !== '')) {
    const [, name, value = ''] = /^\s*([\w.!#$%&'*+^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (name === undefined) return new Misfit('must be name=value, separated by commas');
    try {
      read[name] = decodeURIComponent(value);
    } catch {
      return new Misfit('must hold percent-encoded values');
    }
  }
  return read;
};

const none: Readonly<Record<string, string>> = {};

export const tracingVariables = {
  otelEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'Collector that traces are told to, at `/v1/traces` below it (OTLP over HTTP, protobuf); unset: no traces',
    url('http', 'https'),
  ),
  otelTracesEndpoint: optional(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'The same as a whole URL; it goes before OTEL_EXPORTER_OTLP_ENDPOINT',
    url('http', 'https'),
  ),
  otelHeaders: {
    ...secret('OTEL_EXPORTER_OTLP_HEADERS', 'Headers for the collector: `name=value,…`', pairs),
    unset: none,
    unsetWords: 'none',
  },
  otelTimeoutMs: defaulted(
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    limits.spanExportMsMax,
    'How many milliseconds the collector has to take some spans',
    wholeNumber(1, 60_000),
  ),
  otelExporter: defaulted(
    'OTEL_TRACES_EXPORTER',
    'otlp',
    '`otlp`, or `none`: no traces',
    oneOf('otlp', 'none'),
  ),
  otelServiceName: defaulted('OTEL_SERVICE_NAME', 'parley', 'How traces call this service', text()),
  otelResource: {
    ...defaulted('OTEL_RESOURCE_ATTRIBUTES', none, 'What else is said of a node: `name=value,…`', pairs),
    unsetWords: 'none',
  },
  otelSampler: defaulted(
    'OTEL_TRACES_SAMPLER',
    'parentbased_always_on',
    'Which traces are recorded: `always_on`, `always_off`, `traceidratio`, or `parentbased_` and one of them: as the caller says, by itself without one',
    samplers,
  ),
  otelSamplerArg: defaulted(
    'OTEL_TRACES_SAMPLER_ARG',
    1,
    'The share of traces for `traceidratio`: a number from 0 to 1',
    ratio,
  ),
  isOtelDisabled: defaulted('OTEL_SDK_DISABLED', false, '`true`: no traces, whatever else is set', trueOnly),
} as const;
