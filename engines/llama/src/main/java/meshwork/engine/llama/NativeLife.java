package meshwork.engine.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * The life of something that native code allotted. Pointers bound to it can be used from any thread: a call that was begun
 * keeps the thing alive, and after {@link #close()} there are no more calls, but an {@link IllegalStateException}.
 */
final class NativeLife {

	private static final long PAUSE_NS = 50_000;

	private final Arena arena = Arena.ofShared();
	private final AtomicBoolean closing = new AtomicBoolean();
	private final Runnable free;

	/** A life that ends with this. */
	NativeLife(Runnable free) {
		this.free = free;
	}

	/** The pointer, usable for as long as this lives. */
	MemorySegment bind(MemorySegment pointer) {
		return pointer.reinterpret(arena, null);
	}

	/** Memory at an address, usable for as long as this lives. */
	MemorySegment view(long address, long bytes) {
		return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
	}

	/** Memory that is given back at the end of this life. */
	Arena arena() {
		return arena;
	}

	boolean alive() {
		return arena.scope().isAlive();
	}

	/** Waits for the calls that run, then frees. A second time does nothing. */
	void close() {
		if (!closing.compareAndSet(false, true))
			return;
		while (true)
			try {
				arena.close();
				break;
			} catch (IllegalStateException busy) {
				LockSupport.parkNanos(PAUSE_NS);
			}
		free.run();
	}
}
