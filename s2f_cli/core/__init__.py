"""General-purpose tools that know nothing of faces or networks.

archives            unpack zip and tar archives safely
cicp                colours described by code points, as 8-bit sRGB
colour_profiles     colours as sRGB, by profiles and gamma
contact_sheet       combine several images into one
disk_map            a multimap on disk, for long lists
distributed         processes that train together: ranks and collectives
documents           JSON and TOML in the encodings of editors and shells
downloads           cached downloads with a checked hash
errors              the exceptions that users see, each with a hint
files               atomic writes, and walking a folder
formats             the formats of image files: suffixes, beginnings, packages
freed_memory        returns freed memory to the system
heif                damage in HEIF files that crashes their reader
image_folder        the images of a folder, and the files that cannot be used
image_inputs        image files that a user names
images              read, write and reshape images; the names of the two domains
jpeg2000            samples of JPEG 2000 in 8 bits
locks               files that one process holds at a time
made_with           notes in results of the settings that made them
marks               marks on images that a model made
metadata            XMP, EXIF and profiles of image files
names               file names that mean the same
onnx_runtime        sessions of ONNX Runtime
orientations        the eight orientations of an image
output_tree         the results of images: which file each becomes
parallel            a map over many items on all cores
paths               where s2f keeps its files
pixels              an image of any mode and profile as 8-bit sRGB
prefetch            load, process and store concurrently
processor           threads, number formats and GPUs of this computer
quiet               silences third-party exporters
ray_cluster         a map on a Ray cluster
registry            parts by name, one module each
remote              files in object stores, by URL
remote_copies       local copies of them, for the time of a command
requirements        the packages of s2f and its extras
samples             how image files store their samples
settings            numbers in environment variables
shards              the parts of a job for several machines, and their reports
ssim                structural similarity, for the metric and the loss
torchvision_import  import torchvision with any build of torch
vector              drawings as SVG
version             the version of s2f
video               videos as streams of frames
video_cuts          where a shot of a video begins
video_filters       noise averaged over frames
video_frames        frames as images in sRGB, and images as frames
video_writer        new videos, with copied sound
video_xmp           XMP of videos
windows             weighted means under sliding windows
xmp                 XMP of image files
"""
