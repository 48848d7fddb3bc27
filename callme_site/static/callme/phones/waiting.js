// Waiting that ends when the screen it was for is left.

/** Resolve after that many milliseconds, or once the browser is back online; rejects when the signal is aborted. */
export function sleep(milliseconds, signal) {
    return until(signal, (done) => {
        const timer = setTimeout(done, milliseconds);
        window.addEventListener("online", done);
        return () => {
            clearTimeout(timer);
            window.removeEventListener("online", done);
        };
    });
}

/** Resolve while the page is in front; in the background, once it is back. Rejects when the signal is aborted. */
export function inFront(signal) {
    if (!document.hidden) {
        signal.throwIfAborted();
        return Promise.resolve();
    }
    return until(signal, (done) => {
        const look = () => document.hidden || done();
        document.addEventListener("visibilitychange", look);
        return () => document.removeEventListener("visibilitychange", look);
    });
}

function until(signal, start) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const end = () => {
            stop();
            signal.removeEventListener("abort", abort);
        };
        const abort = () => {
            end();
            reject(signal.reason);
        };
        const stop = start(() => {
            end();
            resolve();
        });
        signal.addEventListener("abort", abort);
    });
}
