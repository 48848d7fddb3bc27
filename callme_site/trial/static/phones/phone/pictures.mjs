// Pictures: choosing one, and making one smaller.

const files = new Map(); // by the path that the program has of it

function keep(file) {
    const path = URL.createObjectURL(file);
    files.set(path, file);
    return path;
}

/** Return the file of a path that chooseMedia or compressImage gave. */
export function fileOf(path) {
    const file = files.get(path);
    if (!file) {
        throw new Error(`file doesn't exist: ${path}`);
    }
    return file;
}

/** Resolve to what was chosen, or to null. */
export function choose() {
    return new Promise((resolve) => {
        const input = document.createElement("input");
        input.type = "file";
        input.accept = "image/*";
        input.addEventListener("change", () => {
            const file = input.files[0];
            resolve({ tempFilePath: keep(file), size: file.size, fileType: "image" });
        });
        input.addEventListener("cancel", () => resolve(null));
        input.click();
    });
}

/** Resolve to the path of a JPEG of that width at most; rejects where the file is no picture. */
export async function compress(path, quality, width) {
    const bitmap = await createImageBitmap(fileOf(path));
    const share = Math.min(1, width / bitmap.width);
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * share), Math.round(bitmap.height * share));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
    return keep(new File([blob], "picture.jpg", { type: blob.type }));
}
