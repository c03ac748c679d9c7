// eventually calls f until it returns something true.
export async function eventually(f, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await Promise.resolve().then(f).catch((error) => { if (Date.now() > end) throw error; });
    if (value) return value;
    if (Date.now() > end) throw new Error(`nothing after ${seconds} s: ${f}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
