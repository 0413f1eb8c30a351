/** How often a chaos program repeats its fault: PARLEY_CHAOS_ROUNDS, else `usual`. */
export async function rounds(once: (round: number) => Promise<void>, usual = 3): Promise<void> {
  const count = Number(process.env['PARLEY_CHAOS_ROUNDS'] ?? usual);
  for (let round = 0; round < count; round += 1) await once(round);
}
