"""The sample stalls of the trial."""

# Telephone, stall, person, menu, months.
STALLS = [
    ("13800000001", "兰州拉面", "马师傅", ["牛肉面", "刀削面", "炒拉条"], 3),
    ("13800000002", "麻辣烫", "王阿姨", ["微辣", "中辣", "特辣"], 1),
    ("13800000003", "煲仔饭", "陈师傅", ["腊味煲仔饭", "滑鸡煲仔饭", "排骨煲仔饭"], 6),
]
NOT_SIGNED_UP = "13800000004"
TELEPHONES = [*(stall[0] for stall in STALLS), NOT_SIGNED_UP]
