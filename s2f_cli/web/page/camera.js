/** The camera, from when its tab is opened until it is left. */

export function openCamera(video) {
  let stream = null, facing = "user";

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  };

  const start = async () => {
    stop();
    if (!navigator.mediaDevices) throw new Error("The camera needs a page from https:// or from this machine.");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1280 } } });
    } catch (problem) {
      throw new Error(problem.name === "NotAllowedError"
        ? "The browser does not let this page use the camera." : "There is no camera that can be used.");
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
    /** A canvas of what the camera sees, or null before it sees anything. */
    shoot: () => {
      if (!video.videoWidth) return null;
      const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
      canvas.getContext("2d").drawImage(video, 0, 0);
      return canvas;
    },
  };
}
