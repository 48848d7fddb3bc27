// Where the server is: the one address to change before the mini-program goes on phones (docs/miniprogram.md).

module.exports = {
  server: "https://callme.example.edu.cn/",
  isseller: "no",
};
