/** The Error for a file that cannot be read: names the path, and the reason unless there is no such file. */
export function unreadable(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read: ${message}`, {
    cause: error,
  });
}
