/**
 * Imported before uWebSockets.js, which reads this when it is loaded: it takes 4 KB of headers by default, less
 * than a token of an external issuer and a few cookies may have. Beyond, it answers 431 itself, in HTML.
 */
import { limits } from '../../../domain/limits.ts';

process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(limits.headersBytesMax);
