/** The camera, on while its tab is open. */

export function openCamera(video) {
  let stream = null, facing = "user";

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  };

  const start = async () => {
    stop();
    if (!navigator.mediaDevices) throw new Error("The camera works only on pages served over https:// or from this computer.");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1280 } } });
    } catch (error) {
      throw new Error(error.name === "NotAllowedError"
        ? "The browser does not allow this page to use the camera." : "No camera was found.");
    }
    video.srcObject = stream;
    video.classList.toggle("mirrored", facing === "user");
    await video.play();
  };

  return {
    start,
    stop,
    flip: () => {
      facing = facing === "user" ? "environment" : "user";
      return start();
    },
    /** The current frame as a canvas, or null before the first one. */
    shoot: () => {
      if (!video.videoWidth) return null;
      const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      canvas.getContext("2d").drawImage(video, 0, 0);
      return canvas;
    },
  };
}
