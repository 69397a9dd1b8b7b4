const { setFlagsFromString } = require('node:v8');

// Tests run most of the code a few times: with its usual budget, V8 takes a fifth of their time to optimize what ends soon after.
setFlagsFromString('--interrupt-budget=1000000');
