// The community: an iframe in the shop's page in which all who are there talk. On the widget's origin, without cookies or storage of its own.
// Map: room (controller) · stream (the log as it is shown) · state · words · ui.

import { render } from 'preact';
import '../panel/styles/base.css';
import './community.css';
import { openRoom } from './room';
import { createStore } from './state';
import { App } from './ui/App';

const store = createStore();
const room = openRoom(store);
render(<App store={store} room={room} />, document.getElementById('app')!);
