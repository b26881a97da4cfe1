// The panel: an iframe on the widget's origin, without cookies or storage of its own.
// Map: bridge (port to the loader) · session (controller) · reader and log (the conversation) · timeline (what is drawn) · ui.

import { render } from 'preact';
import { startSession } from './session';
import { createStore } from './state';
import './styles/base.css';
import './styles/messages.css';
import './styles/forms.css';
import { App } from './ui/App';

const store = createStore();
const session = startSession(store);
render(<App store={store} session={session} />, document.getElementById('app')!);
