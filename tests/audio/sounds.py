"""Sounds and files that the tests of audio are made of."""

import av
import numpy as np
import soundfile as sf


def noise(n_frames, channels=1, *, seed=0, level=0.1):
    """Band-limited noise, which survives codecs and has one sharp peak of correlation."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal((n_frames, channels)), axis=0)
    bins = np.arange(len(spectrum)) / (2 * len(spectrum))  # cycles a sample
    spectrum[(bins < 0.01) | (bins > 0.15)] = 0
    sound = np.fft.irfft(spectrum, n_frames, axis=0)
    return (level * sound / sound.std()).astype(np.float32)


def write(path, sound, sample_rate=16_000, **kwargs):
    """By soundfile, in pieces: libsndfile overflows its stack on long Ogg writes."""
    with sf.SoundFile(str(path), "w", sample_rate, sound.shape[1], **kwargs) as file:
        for start in range(0, len(sound), 4_096):
            file.write(sound[start : start + 4_096])
    return path


def encode(path, sound, sample_rate, codec, *, format=None, **tags):
    """By FFmpeg inside PyAV, so that no ffmpeg has to be installed."""
    layout = {1: "mono", 2: "stereo"}[sound.shape[1]]
    with av.open(str(path), "w", format=format) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=sample_rate, layout=layout)
        stream.bit_rate = 128_000 if codec != "libopencore_amrnb" else 12_200
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=sample_rate, frame_size=0
        )
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.reshape(1, -1)), format="flt", layout=layout
        )
        frame.sample_rate = sample_rate
        frame.pts = 0
        for part in resampler.resample(frame):
            fifo.write(part)
        size = stream.codec_context.frame_size or 1_024
        while part := fifo.read(size, partial=False) or fifo.read(0, partial=True):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def lag(decoded, source):
    """How many samples later than the source the decoded sound is, by cross-correlation."""
    size = 1 << (len(decoded) + len(source)).bit_length()
    product = np.fft.rfft(decoded, size) * np.conj(np.fft.rfft(source, size))
    at = int(np.argmax(np.fft.irfft(product, size)))
    return at if at < size // 2 else at - size
