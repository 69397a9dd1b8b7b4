const { statfsSync } = require('node:fs');

// Tests wait for the disk as long as they compute. Memory is taken where it has room, unless TMPDIR names a place.
if (process.env.TMPDIR === undefined && process.platform === 'linux') {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 4 * 2 ** 30) process.env.TMPDIR = '/dev/shm';
  } catch {
    // There is none.
  }
}
