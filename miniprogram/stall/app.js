App({
  calls: {}, // how often this phone has called each number since it was opened
});
