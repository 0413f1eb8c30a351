/** Why something failed, where it failed; nothing while nothing did. */
export function ProblemLine({ words }: { readonly words: string | null }) {
  if (words === null) return null;
  return (
    <p class="problem" role="alert">
      {words}
    </p>
  );
}
