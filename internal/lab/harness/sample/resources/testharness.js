// The least of a test framework that the sample beside it needs, with the names
// that upstream's testharness.js has: the harness's own test needs no upstream tree.
(function (scope) {
  'use strict';
  const [PASS, FAIL, TIMEOUT, NOTRUN] = [0, 1, 2, 3];
  const tests = [];
  const callbacks = { result: [], completion: [] };
  let loaded = false;
  let complete = false;
  let queue = Promise.resolve();

  function finish() {
    if (complete || !loaded || tests.some((t) => t.status === NOTRUN)) return;
    complete = true;
    for (const callback of callbacks.completion) callback(tests, { status: 0, message: null });
  }

  function settle(test, status, message) {
    if (test.status !== NOTRUN) return;
    Object.assign(test, { status, message });
    for (const callback of callbacks.result) callback(test);
    finish();
  }

  function add(name) {
    const test = { name: name ?? scope.document.title, status: NOTRUN, message: null };
    tests.push(test);
    return test;
  }

  function equal(got, want, what = '') {
    if (!Object.is(got, want)) throw new Error(`${what}: got ${got}, want ${want}`);
  }

  Object.assign(scope, {
    test(run, name) {
      const test = add(name);
      try {
        run();
        settle(test, PASS, null);
      } catch (error) {
        settle(test, FAIL, String(error));
      }
    },
    promise_test(run, name) {
      const test = add(name);
      queue = queue.then(run).then(() => settle(test, PASS, null), (error) => settle(test, FAIL, String(error)));
    },
    assert_equals: equal,
    assert_throws(name, run) {
      try {
        run();
      } catch (error) {
        equal(error.name, name, 'the exception');
        return;
      }
      throw new Error(`nothing was thrown, want ${name}`);
    },
    async assert_rejects(name, promise) {
      equal(await promise.then(() => 'nothing', (error) => error.name), name, 'the rejection');
    },
    add_result_callback(callback) { callbacks.result.push(callback); },
    add_completion_callback(callback) { callbacks.completion.push(callback); },
    timeout() {
      for (const test of tests) settle(test, TIMEOUT, 'timed out');
    },
  });
  scope.addEventListener('load', () => {
    loaded = true;
    finish();
  });
})(self);
