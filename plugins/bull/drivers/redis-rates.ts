import type { RateStore } from '../../../src/ports/queue-driver.js';

/** A process that has not reported for so long is not counted. */
const presentMs = 10_000;
const prefix = 'rapport-rates:';

/**
 * The generic cell rate algorithm on Redis: a key holds the time at which its bucket is full, by the clock of Redis, and expires then.
 * A time that no report can have set is of before that clock was set back, and is forgotten.
 * KEYS: the processes, then buckets. ARGV: the process, how long it counts, then for each bucket flowMs and fullInMsMax.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 1, '+inf')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local answer = { redis.call('ZCARD', KEYS[1]) }
for i = 2, #KEYS do
  local full = tonumber(redis.call('GET', KEYS[i]) or now)
  local most = tonumber(ARGV[2 * i])
  if full > now + most + 1 then full = now end
  local ahead = math.min(math.max(full - now, 0) + ARGV[2 * i - 1], most)
  if ahead > 0 then
    redis.call('SET', KEYS[i], string.format('%.3f', now + ahead), 'PX', math.ceil(ahead))
  end
  answer[i] = string.format('%.3f', ahead)
end
return answer
`;

/** Shares rate limits over Redis. `evaluate` runs a script there, and settles in time. */
export function createRedisRates(
  evaluate: (
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ) => Promise<unknown>,
): RateStore {
  return {
    async report(processId, taken) {
      const keys = [`${prefix}processes`, ...taken.map(({ bucket }) => prefix + bucket)];
      const values = taken.flatMap(({ flowMs, fullInMsMax }) => [flowMs, fullInMsMax]);
      const answer = await evaluate(script, keys, [processId, presentMs, ...values]);
      if (!Array.isArray(answer) || answer.length !== keys.length)
        throw new Error(`Redis answered ${JSON.stringify(answer)?.slice(0, 200)} to a report of rates`);
      const [processes, ...fullInMs] = answer.map(Number);
      return { processes: processes!, fullInMs };
    },
  };
}
