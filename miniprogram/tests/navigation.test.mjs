import assert from "node:assert/strict";
import { test } from "node:test";
import { Navigation } from "../../callme_site/trial/static/phones/phone/navigation.mjs";

const ROUTES = ["pages/a/a", "pages/b/b"];

/** A page stack whose pages note what they are told. */
function stack() {
    const told = [];
    const make = (route) => {
        const name = route.slice(-1);
        const page = {};
        for (const event of ["onLoad", "onShow", "onReady", "onHide", "onUnload"]) {
            page[event] = (options) => told.push([name, event, ...(options ? [options] : [])]);
        }
        return { page, host: {}, release: () => told.push([name, "released"]) };
    };
    const navigation = new Navigation(ROUTES, make, () => {});
    return { navigation, told: () => told.splice(0).map((each) => (each.length > 2 ? each : each.join(" "))) };
}

test("pages are told what WeChat tells them, in its order", () => {
    const { navigation, told } = stack();
    navigation.reLaunch("/pages/a/a?scene=sellerId%3D5&x=1=2");
    assert.deepEqual(told(), [["a", "onLoad", { scene: "sellerId%3D5", x: "1=2" }], "a onShow", "a onReady"]);
    navigation.navigateTo("/pages/b/b");
    assert.deepEqual(told(), ["a onHide", ["b", "onLoad", {}], "b onShow", "b onReady"]);
    navigation.moved(true);
    navigation.moved(false);
    assert.deepEqual(told(), ["b onHide", "b onShow"]);
    navigation.navigateBack();
    assert.deepEqual(told(), ["b onUnload", "b released", "a onShow"]);
    navigation.redirectTo("/pages/b/b");
    assert.deepEqual(told(), ["a onUnload", "a released", ["b", "onLoad", {}], "b onShow", "b onReady"]);
});

test("a page that goes on while it loads is not shown", () => {
    const { navigation, told } = stack();
    navigation.reLaunch("/pages/a/a");
    told();
    const { make } = navigation;
    navigation.make = (route) => {
        const made = make(route);
        made.page.onLoad = () => {
            navigation.make = make;
            navigation.redirectTo("/pages/a/a");
        };
        return made;
    };
    navigation.navigateTo("/pages/b/b");
    assert.deepEqual(told(), ["a onHide", "b onUnload", "b released", ["a", "onLoad", {}], "a onShow", "a onReady"]);
});

test("there are no more than ten pages, and none that app.json does not name", () => {
    const { navigation } = stack();
    navigation.reLaunch("/pages/a/a");
    for (let depth = 1; depth < 10; depth += 1) {
        navigation.navigateTo("../b/b");
    }
    assert.throws(() => navigation.navigateTo("/pages/b/b"), /limit/);
    assert.throws(() => navigation.redirectTo("/pages/c/c"), /not found/);
    navigation.navigateBack(20);
    assert.equal(navigation.pages.length, 1);
});
