/** Cursors of lists: a text that says where a page begins, opaque to clients. */
import { isText } from '../../contract/checking/json-text.ts';

export function toCursor(text: string): string {
  return btoa(encodeURIComponent(text)).replaceAll('+', '-').replaceAll('/', '_');
}

/** What toCursor() was given; empty for what it never made, and for what PostgreSQL would not take. */
export function cursorText(cursor: string): string {
  try {
    const text = decodeURIComponent(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')));
    return isText(text) ? text : '';
  } catch {
    return '';
  }
}
