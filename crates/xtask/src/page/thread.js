// Makes `compiled`, which does `work` in a thread of its own, so that the page draws and hears meanwhile; where there is no
// such thread to be had, or it fails, the page does the work itself.
const compiled = (source, tell) => new Promise((done, fail) => {
  const here = () => work(source, tell).then(done, fail);
  try {
    const code = `const work = ${work};
onmessage = ({ data }) => work(data, postMessage).then(postMessage).catch(() => postMessage(null));`;
    const thread = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    thread.onmessage = ({ data }) => {
      if (typeof data === 'number') return tell(data);
      thread.terminate();
      data ? done(data) : here();
    };
    thread.onerror = here;
    thread.postMessage(source);
  } catch {
    here();
  }
});
