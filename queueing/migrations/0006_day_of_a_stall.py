from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0005_one_order_a_slot")]

    operations = [
        # With defaults of the database's own, servers of the version before go on meanwhile.
        migrations.AddField(
            "order", "claim", models.CharField(blank=True, default="", db_default="", editable=False, max_length=4)
        ),
        migrations.AddField(
            "order", "wrong_claims", models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
        ),
        migrations.AlterField(
            "order",
            "ending",
            models.CharField(
                blank=True,
                choices=[
                    ("collected", "collected"),
                    ("ended", "ended by the seller"),
                    ("cleared", "cleared"),
                    ("stale", "abandoned"),
                    ("uncollected", "not collected"),
                    ("staff", "closed by staff"),
                ],
                max_length=11,
                verbose_name="how it ended",
            ),
        ),
        migrations.AddIndex(
            "order", models.Index(fields=["seller", "number", "closed_at"], name="closing_of_a_number")
        ),
        migrations.AddIndex("order", models.Index(fields=["seller", "called_at"], name="call_of_a_seller")),
    ]
