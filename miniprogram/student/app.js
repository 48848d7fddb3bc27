App({
  launched: false, // whether the order that there was at the start has been shown
});
