import { render } from 'preact';
import { readTraces } from './state.ts';
import './theme.css';
import { App } from './app.tsx';

render(<App />, document.getElementById('app')!);
// The traces come after this script.
document.addEventListener('DOMContentLoaded', readTraces);
