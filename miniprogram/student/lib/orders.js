// What the server tells of stalls and of the student's orders.

const { ask } = require("./line");

/** Return the live orders that an answer to `menu` tells of, the oldest first; an older server knows of that alone. */
function taken(menu) {
  if (menu.taken) {
    return menu.taken.map(({ sellerId, sellerName, marchSn, menuName, called }) => ({
      sellerId, sellerName, marchSn, note: menuName, called,
    }));
  }
  return menu.takenFlag === "success" ? [{
    sellerId: menu.takenSellerId,
    sellerName: menu.takenSellerName,
    marchSn: menu.takenMarchSn,
    note: menu.takenMenuName,
    called: false,
  }] : [];
}

/** Return a stall's menu, or null where it is not open. Throws Failure, NoAnswer. */
async function menuOf(sellerId) {
  try {
    return await ask("menu", { sellerId });
  } catch (error) {
    if (error.message === "Illegal Seller Error") {
      return null;
    }
    throw error;
  }
}

/** Return the stalls that are open. Throws Failure, NoAnswer. */
async function openStalls() {
  try {
    const { list } = await ask("seller_list");
    return Object.keys(list).map((place) => list[place]);
  } catch (error) {
    if (error.message === "Null List Error") {
      return [];
    }
    throw error;
  }
}

function same(one, other) {
  return one.sellerId === other.sellerId && one.marchSn === other.marchSn;
}

module.exports = { menuOf, openStalls, same, taken };
