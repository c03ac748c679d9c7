// The processes behind the harness: `simulate stdio`, and the servers that the
// tests talk to.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// Simulate is a running `simulate stdio`.
export class Simulate {
  #child;
  #next = 1;
  #waiting = new Map(); // by id: what takes its answers
  #end; // why the process has ended, once it has
  #ended;

  constructor(command, args, cwd) {
    this.#child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {}); // the process has ended, which 'close' tells
    this.#ended = new Promise((resolve) => {
      const end = (why) => {
        this.#end = why;
        for (const [id, take] of this.#waiting) take({ id, error: `simulate ${why}` });
        this.#waiting.clear();
        resolve(why);
      };
      this.#child.on('error', (err) => end(`cannot be started: ${err.message}`));
      this.#child.on('close', (status) => end(`ended with status ${status}`));
    });
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      const answer = JSON.parse(line);
      const take = this.#waiting.get(answer.id);
      if (!take) return;
      if (answer.event === undefined || answer.event === 'end' || answer.event === 'error') this.#waiting.delete(answer.id);
      take(answer);
    });
  }

  // send sends a request; take gets its answer, or all of its answers if it is a
  // stream. It returns the id.
  send(request, take) {
    const id = this.#next++;
    if (this.#end !== undefined) {
      queueMicrotask(() => take({ id, error: `simulate ${this.#end}` }));
      return id;
    }
    this.#waiting.set(id, take);
    this.#child.stdin.write(JSON.stringify({ ...request, id }) + '\n');
    return id;
  }

  // ask sends a request that has one answer.
  ask(request) {
    return new Promise((resolve) => this.send(request, resolve));
  }

  // close ends the process, as well as what it is about.
  close() {
    this.#child.stdin.end();
    setTimeout(() => this.#child.kill(), 2000).unref();
    return this.#ended;
  }
}

// startServers starts wpt/server, and returns the --resolve rules that lead to it.
export async function startServers(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => reject(new Error(`the servers ended with status ${status}`)));
    createInterface({ input: child.stdout }).once('line', resolve);
  });
  return {
    resolve: JSON.parse(line).resolve,
    close: () => child.stdin.end(),
  };
}
