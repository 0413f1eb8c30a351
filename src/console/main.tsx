/** The console: what the browser runs first. */
import { options, render } from 'preact';
import { App } from './app.tsx';

/** A frame. Events come one by one, thousands a second at times: what they change is drawn together. */
const drawnEveryMs = 16;

options.debounceRendering = (draw) => setTimeout(draw, drawnEveryMs);

const place = document.getElementById('console');
if (place !== null) render(<App />, place);
