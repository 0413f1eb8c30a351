/** Names of files: what a path, a header or a reader could be tricked with is taken out. */

// Control characters, and those that turn the direction of a text around (`gnp.exe` shown as `exe.png`).
const unwanted = /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Without path separators and control characters; never empty. */
export function cleanFilename(name: string): string {
  const clean = name.replace(unwanted, '');
  return /^[.\s]*$/.test(clean) ? 'file' : clean;
}

/** RFC 6266: an approximation in ASCII for old clients, and the name itself. */
export function contentDisposition(kind: 'inline' | 'attachment', filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(filename).replace(/['()*]/g, percent);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${whole}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
