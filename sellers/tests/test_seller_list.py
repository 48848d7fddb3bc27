"""Q03: the stalls that students see."""

from conftest import Phone, make_seller


def test_it_lists_the_stalls_in_order_of_id(li, noodles):
    rice = make_seller("13800000002", name="煲仔饭", person=Phone.of("chen").person, picture="sellers/rice.jpg")
    make_seller("13800000003", name="没有月份", months=0, person=Phone.of("zhao").person)
    make_seller("13800000004", name="没有绑定")
    assert li("seller_list") == {
        "seller_listSuccess": "success",
        "count": 2,
        "list": {
            "1": {"id": noodles.pk, "name": "拉面", "imageURL": "", "open": True, "waiting": 0},
            "2": {
                "id": rice.pk,
                "name": "煲仔饭",
                "imageURL": "http://testserver/media/sellers/rice.jpg",
                "open": True,
                "waiting": 0,
            },
        },
    }


def test_it_says_when_there_is_none(li):
    make_seller("13800000004")
    assert li("seller_list") == {"seller_listSuccess": "fail", "failMsg": "Null List Error"}
