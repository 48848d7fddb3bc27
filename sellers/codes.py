"""The mini-program code of a seller, which WeChat makes once and for all."""

from accounts import services, wechat
from sellers.models import Seller


def have_code(seller: Seller) -> None:
    """Let the seller have its code, from WeChat where it has none yet; raises wechat.Unavailable, OSError."""
    if not seller.qrcode:
        with wechat.limit("qrcode"):
            picture = services.mini_program_code(f"sellerId={seller.pk}", "pages/qu/qu", wechat.app("buyer"))
            seller.keep_qrcode(picture)
