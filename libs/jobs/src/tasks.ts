/** Does what jobs of a name ask for; what it throws has the job tried again. */
export type Task = (payload: unknown) => Promise<void>;

/** The jobs that a process knows, by name; it takes no other. */
export type Tasks = Readonly<Record<string, Task>>;

/** The same tasks, telling of every failure before the job is tried again. */
export function watched(tasks: Tasks, onError: (error: unknown) => void): Tasks {
  return Object.fromEntries(
    Object.entries(tasks).map(([name, task]): [string, Task] => [
      name,
      async (payload) => {
        try {
          await task(payload);
        } catch (error) {
          onError(error);
          throw error;
        }
      },
    ]),
  );
}
