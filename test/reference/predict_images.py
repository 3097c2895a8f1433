"""What Python says of the images of a folder: torchvision's transforms, model and softmax.

  predict_images.py OUT FOLDER LIMIT IMAGE_SIZE RESIZE_SIZE

FOLDER holds val/CLASS/*; LIMIT images at most, spread evenly, are copied to OUT/data/val/CLASS. OUT/model: model.pt
with weights of its own and labels.json. OUT/manifest.json: {"files": [{"file", "label", "probability",
"probabilities"}], "loss", "accuracy", "expected_error"}; the files in ImageFolder's order.
"""
import json
import shutil
import sys
from pathlib import Path

import torch
import torchvision
from torchvision import transforms

out, folder = Path(sys.argv[1]), Path(sys.argv[2])
limit, image_size, resize_size = map(int, sys.argv[3:])
torch.set_num_threads(1)
torch.manual_seed(7)

every = torchvision.datasets.ImageFolder(folder / "val").samples
for i in range(min(limit, len(every))):
    source = Path(every[i * len(every) // min(limit, len(every))][0])
    target = out / "data" / "val" / source.parent.name / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)

data = torchvision.datasets.ImageFolder(out / "data" / "val", transforms.Compose([
    transforms.Resize(resize_size), transforms.CenterCrop(image_size), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]))
images = torch.stack([image for image, _ in data])
truth = torch.tensor(data.targets)
model = torchvision.models.resnet18(weights=None, num_classes=len(data.classes))
with torch.no_grad():
    model.train()
    model(images)  # running statistics that fit the images: the logits differ from file to file
    model.eval()
    logits = torch.cat([model(part) for part in images.split(5)])
    probabilities = torch.softmax(logits, dim=1)

(out / "model").mkdir()
torch.save(model.state_dict(), out / "model" / "model.pt")
labels = {"schema": "amltrain.labels/1", "labels": data.classes}
(out / "model" / "labels.json").write_text(json.dumps(labels))

confidence, guess = probabilities.double().max(dim=1)
right = (guess == truth).double()
error = 0.0
for index in range(15):
    inside = (confidence > index / 15) & (confidence <= (index + 1) / 15)
    if inside.any():
        error += inside.double().mean().item() * abs(right[inside].mean() - confidence[inside].mean()).item()
(out / "manifest.json").write_text(json.dumps({
    "files": [{"file": path, "label": data.classes[guess[i]], "probability": confidence[i].item(),
               "probabilities": dict(zip(data.classes, probabilities[i].tolist()))}
              for i, (path, _) in enumerate(data.samples)],
    "loss": torch.nn.functional.cross_entropy(logits, truth).item(),
    "accuracy": right.mean().item(),
    "expected_error": error}))
