'use strict';

// The program as a child that does not outlive its parent, however that ends: a kill -9 of the one is a kill -9
// of the other.

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();

require('./run.js');
