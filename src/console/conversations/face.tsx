/** Who it is at a glance: an initial, round for people, square for agents and services. */
export function Face({ name, isAgent }: { readonly name: string; readonly isAgent: boolean }) {
  const initial = [...name.replace(/[^\p{L}\p{N}]/gu, '')][0] ?? '?';
  return (
    <span class={isAgent ? 'face agent' : 'face'} aria-hidden="true">
      {initial.toUpperCase()}
    </span>
  );
}
