import { render } from 'preact';
import { listenToKeys } from './keys.ts';
import { readTraces } from './state.ts';
import './theme.css';
import { App } from './app.tsx';

render(<App />, document.getElementById('app')!);
listenToKeys();
// The traces come after this script.
document.addEventListener('DOMContentLoaded', readTraces);
