package meshwork.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory that can be had now without taking any from others. */
final class AvailableMemory {

	private static final Path MEMINFO = Path.of("/proc/meminfo");
	private static final Path CGROUP = Path.of("/sys/fs/cgroup/memory.stat");

	private AvailableMemory() {
	}

	/** In bytes: what the kernel could free, or what the container still allows if that is less. */
	static long bytes() {
		try {
			if (!Files.isReadable(MEMINFO))
				return bean("FreeMemorySize");
			long machine = read(MEMINFO, "MemAvailable:") * 1024;
			boolean contained = bean("TotalMemorySize") < read(MEMINFO, "MemTotal:") * 1024;
			return contained ? Math.min(machine, bean("FreeMemorySize") + fileCache()) : machine;
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** What the container is charged for, but which the kernel gives back when memory is short: pages of model files above all. */
	private static long fileCache() throws IOException {
		return Files.isReadable(CGROUP) ? read(CGROUP, "file ") : 0;
	}

	private static long read(Path file, String name) throws IOException {
		for (String line : Files.readAllLines(file))
			if (line.startsWith(name))
				return Long.parseLong(line.replaceAll("\\D", ""));
		throw new IOException("%s does not say %s".formatted(file, name));
	}

	/**
	 * Asked by name: the bean's type is not part of Java, but of this JDK. It knows the limits of a container. Asked itself,
	 * since the server that all beans register with takes a fifth of a second to start.
	 */
	private static long bean(String attribute) {
		try {
			return (Long) Class.forName("com.sun.management.OperatingSystemMXBean", true, ClassLoader.getPlatformClassLoader())
					.getMethod("get" + attribute).invoke(ManagementFactory.getOperatingSystemMXBean());
		} catch (ReflectiveOperationException e) {
			throw new IllegalStateException("this JDK does not say how much memory there is", e);
		}
	}
}
