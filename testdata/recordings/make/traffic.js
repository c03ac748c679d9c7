// What is recorded: the fixed traffic of server.js or, where TRAFFIC is "SEED:STEPS", random traffic.
import { eventually } from './wait.js';

const [, seed, count] = process.env.TRAFFIC?.match(/^(\d+):(\d+)$/) ?? [];
if (process.env.TRAFFIC && !seed) throw new Error(`TRAFFIC is ${JSON.stringify(process.env.TRAFFIC)}: want SEED:STEPS, two numbers`);

export const { documents, hosts, steps, withServers } = seed ? (await import('./random.js')).traffic(Number(seed), Number(count)) : await import('./server.js');

// visit loads each document by go and returns what all of them saw. evaluate gives the value of an expression in a page.
export async function visit(go, evaluate) {
  const outcomes = [];
  for (const url of documents) {
    await go(url);
    outcomes.push(...JSON.parse(await eventually(() => evaluate(`location.href === ${JSON.stringify(url)} && window.outcomes`), 300)));
  }
  return outcomes;
}
