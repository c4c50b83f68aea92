// Headless Chromium by its debugging pipe (--remote-debugging-pipe): commands and events of the DevTools protocol as JSON,
// each ended by a NUL, on descriptors 3 and 4. No package, no port.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const WAIT_MS = 20000;

export function findChrome() {
    const names = ['chromium', 'chromium-browser', 'google-chrome'];
    for (const folder of (process.env.PATH ?? '').split(':'))
        for (const name of names)
            if (fs.existsSync(path.join(folder, name))) return path.join(folder, name);
    throw new Error('chromium is missing; install it and run again');
}

export class Chrome {
    #next = 1;
    #waiting = new Map();
    #listeners = new Set();

    static async start() {
        const it = new Chrome();
        it.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'farthing-chrome-'));
        it.child = spawn(findChrome(), ['--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu',
            '--disable-dev-shm-usage', '--no-first-run', '--no-default-browser-check', '--disable-extensions',
            '--disable-background-networking', '--disable-component-update', '--disable-sync', '--proxy-server=direct://',
            `--user-data-dir=${it.profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
        let rest = '';
        it.child.stdio[4].setEncoding('utf8');
        it.child.stdio[4].on('data', (part) => {
            const pieces = (rest + part).split('\0');
            rest = pieces.pop();
            for (const piece of pieces) it.#take(JSON.parse(piece));
        });
        process.on('exit', () => { it.child.kill('SIGKILL'); fs.rmSync(it.profile, { recursive: true, force: true }); });
        it.child.on('exit', () => {
            for (const { reject } of it.#waiting.values()) reject(new Error('chromium ended'));
            it.#waiting.clear();
        });
        await it.send('Browser.getVersion');
        return it;
    }

    #take(message) {
        const waiter = this.#waiting.get(message.id);
        if (waiter) {
            this.#waiting.delete(message.id);
            if (message.error) waiter.reject(new Error(`${waiter.method}: ${message.error.message}`));
            else waiter.resolve(message.result);
        }
        for (const listener of this.#listeners) listener(message);
    }

    listen(listener) { this.#listeners.add(listener); }

    send(method, params = {}, sessionId) {
        const id = this.#next++;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), WAIT_MS);
            this.#waiting.set(id, {
                method,
                resolve: (value) => { clearTimeout(timer); resolve(value); },
                reject: (error) => { clearTimeout(timer); reject(error); },
            });
            this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        });
    }

    async stop() {
        await this.send('Browser.close').catch(() => {});
        await new Promise((done) => (this.child.exitCode !== null || this.child.signalCode !== null ? done() : this.child.on('exit', done)));
        fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
    }

    async open() {
        const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
        const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
        return Page.attach(this, sessionId, targetId);
    }
}

// A tab: what it requested, what its console said, what it threw.
export class Page {
    static async attach(chrome, sessionId, targetId) {
        const it = Object.assign(new Page(), { chrome, sessionId, targetId, requests: [], complaints: [] });
        chrome.listen((message) => {
            if (message.sessionId !== sessionId) return;
            if (message.method === 'Network.requestWillBeSent') it.requests.push(message.params.request.url);
            if (message.method === 'Runtime.exceptionThrown') it.complaints.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
            if (message.method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(message.params.type))
                it.complaints.push(message.params.args.map((a) => a.value ?? a.description).join(' '));
            if (message.method === 'Log.entryAdded' && ['error', 'warning'].includes(message.params.entry.level)) it.complaints.push(message.params.entry.text);
        });
        for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'Accessibility']) await it.send(`${domain}.enable`);
        return it;
    }

    send(method, params) { return this.chrome.send(method, params, this.sessionId); }
    close() { return this.chrome.send('Target.closeTarget', { targetId: this.targetId }); }

    async size(width, height, dark = false) {
        await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
        await this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }] });
    }

    go(url) { return this.send('Page.navigate', { url }); }

    async eval(expression) {
        const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
    }

    async until(expression) {
        const end = Date.now() + WAIT_MS;
        for (;;) {
            const value = await this.eval(expression).catch(() => false);
            if (value) return value;
            if (Date.now() > end) throw new Error(`never true on the page: ${expression}`);
            await new Promise((done) => setTimeout(done, 20));
        }
    }

    async key(key, code = key, virtual = 0, text) {
        for (const type of ['keyDown', 'keyUp'])
            await this.send('Input.dispatchKeyEvent', { type, key, code, windowsVirtualKeyCode: virtual, nativeVirtualKeyCode: virtual, ...(type === 'keyDown' && text ? { text } : {}) });
    }

    // Where a person would: in the middle of what the selector finds.
    async click(selector) {
        const [x, y] = await this.eval(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({ block: 'center' });
            const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`);
        for (const type of ['mousePressed', 'mouseReleased'])
            await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }

    async shot(file) {
        const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
        fs.writeFileSync(file, Buffer.from(data, 'base64'));
    }

    // What a screen reader is given: role and name of every node that is not ignored.
    async spoken() {
        const { nodes } = await this.send('Accessibility.getFullAXTree');
        return nodes.filter((n) => !n.ignored).map((n) => ({ role: n.role?.value, name: n.name?.value ?? '' }));
    }
}
