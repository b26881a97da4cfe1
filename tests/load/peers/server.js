// A small Socket.IO server that speaks as much of STALK's protocol as the load generator asks of it. As it comes:
//   node server.js PORT
// and with what a team would write on top of it for busy rooms, one event per room and tick:
//   node server.js PORT --coalesce 20
'use strict';

const { createServer } = require('node:http');
const { Server } = require('socket.io');

const port = Number(process.argv[2]);
const tick = process.argv[3] === '--coalesce' ? Number(process.argv[4]) : 0;

const http = createServer();
const io = new Server(http, { serveClient: false, transports: ['websocket'] });
const held = new Map();

function flush(room) {
  const batch = held.get(room);
  held.delete(room);
  io.to(room).emit('pubs', batch);
}

function publish(room, publication) {
  if (tick === 0) {
    io.to(room).emit('pub', publication);
    return;
  }
  const batch = held.get(room);
  if (batch) {
    batch.push(publication);
    return;
  }
  held.set(room, [publication]);
  setTimeout(flush, tick, room);
}

io.on('connection', (socket) => {
  const { rooms = [] } = socket.handshake.auth;
  socket.join(rooms);
  socket.on('request', ({ m, p }, answer) => {
    if (m === 'say') publish(p.room, { ch: p.room, d: { text: p.text } });
    answer({ ok: {} });
  });
  socket.emit('welcome', { v: 1, connection: socket.id });
});

http.listen({ port, host: '127.0.0.1', backlog: 4096 });
