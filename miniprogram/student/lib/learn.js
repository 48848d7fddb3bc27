// What has become of an order that this phone has not heard of yet: WeChat's message named it.

const live = require("./live");
const { menuOf, taken } = require("./orders");

/** Return the order, to be looked after from now on: it lives, or `hungry` tells how it ended. Throws Failure, NoAnswer. */
async function learn(asked) {
  const menu = await menuOf(asked.sellerId);
  const orders = menu ? taken(menu) : [];
  if (menu) {
    live.keep(orders);
  }
  const { sellerId, marchSn } = asked;
  const order = live.find(asked)
    || live.begin({ sellerId, marchSn, sellerName: menu ? menu.sellerName : "", note: "", learned: true });
  order.told = false; // the one message has come: a further call has none
  return order;
}

module.exports = { learn };
