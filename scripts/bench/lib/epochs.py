"""Images a second of the phases of each epoch, from what the programs say."""

import datetime


def rate(epochs, key="seconds"):
    """Over several epochs: images divided by time."""
    return sum(epoch["images"] for epoch in epochs) / sum(epoch[key] for epoch in epochs)


def warm(epochs):
    """Without the first epoch, which starts processes, chooses kernels and takes memory."""
    return epochs[1:] or epochs


def seconds_of(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def phases_of(points, train_images, val_images):
    """The phases of `amltrain train --log-every STEPS-A-EPOCH`, from its metric points: the rate over all training
    so far gives the training phases; a phase of validation lies between the line of an epoch's last step and the
    epoch's own line."""
    train, val = [], []
    trained, last_step_at = 0.0, None
    for point in points:
        if point["name"] == "images_per_second":
            epoch = point["epoch"]
            if len(train) == epoch:  # the line of the last step
                seconds = train_images * (epoch + 1) / point["value"] - trained
                trained += seconds
                train.append({"images": train_images, "seconds": seconds})
                last_step_at = seconds_of(point["time"])
            else:
                val.append({"images": val_images, "seconds": seconds_of(point["time"]) - last_step_at})
    return {"train": train, "val": val}
