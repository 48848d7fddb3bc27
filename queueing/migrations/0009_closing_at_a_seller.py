from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0008_text_check")]

    operations = [
        migrations.AddIndex(
            "order", models.Index(fields=["seller", "closed_at", "number"], name="closing_at_a_seller")
        ),
    ]
