/** How often somebody tries. */
const TRIES = 5;

/**
 * Somebody whose honest container gets no longer to be ready than hostile ones, and who may so have to come again: resolves with the one who
 * comes by `come` and is `heard`.
 */
export async function comeIn<Person extends { end(): void }>(
  come: () => Person | Promise<Person>,
  heard: (person: Person) => Promise<unknown>,
): Promise<Person> {
  for (let time = 1; ; time += 1) {
    const person = await come();
    try {
      await heard(person);
      return person;
    } catch (error) {
      person.end();
      if (time === TRIES) throw error;
    }
  }
}
