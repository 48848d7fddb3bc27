from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0004_slot")]

    operations = [
        migrations.AddConstraint("order", models.UniqueConstraint(fields=["buyer", "slot"], name="one_order_a_slot")),
    ]
