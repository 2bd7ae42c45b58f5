package meshwork.http;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/** A listening socket, and what is asked of those who come in by it. */
final class Door extends ServerConnector {

	private final InetAddress host;
	private volatile Settings settings;

	private Door(Server server, Settings settings) {
		// one acceptor: a socket that the selector accepts for stays open until that wakes up
		super(server, null, null, null, 1, 1, new HttpConnectionFactory(http()));
		host = settings.host();
		setHost(host.getHostAddress());
		setPort(settings.port());
		take(settings);
	}

	/**
	 * Opens a door.
	 *
	 * @throws IOException when the address can't be had; the message says what to do
	 */
	static Door open(Server server, Settings settings) throws IOException {
		var door = new Door(server, settings);
		try {
			door.open();
			server.addConnector(door);
			door.start();
			return door;
		} catch (Exception e) {
			server.removeConnector(door);
			door.close();
			Throwable cause = e.getCause() == null ? e : e.getCause();
			throw new IOException("can't listen on %s:%d (%s): end what does, or set another port in meshwork.http".formatted(
					door.getHost(), settings.port(), cause.getMessage()), e);
		}
	}

	private static HttpConfiguration http() {
		var http = new HttpConfiguration();
		http.setSendServerVersion(false);
		http.setRequestHeaderSize(16 << 10);
		// a model's id may have a slash in it, which clients encode
		http.setUriCompliance(UriCompliance.DEFAULT.with("encoded slashes", Violation.AMBIGUOUS_PATH_SEPARATOR));
		return http;
	}

	Settings settings() {
		return settings;
	}

	/** Whether these settings can be had without another socket. */
	boolean suits(Settings wanted) {
		return wanted.host().equals(host) && (wanted.port() == getPort() || wanted.port() == getLocalPort());
	}

	/** Takes over all but the address; and never opens to others than this machine without a key. */
	void take(Settings wanted) {
		if (wanted.keys().none() && !host.isLoopbackAddress())
			return;
		settings = wanted;
		setIdleTimeout(wanted.idle().toMillis());
	}

	/** Where a client on this machine finds it. */
	String url() {
		String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
		return "http://%s:%d".formatted(name.indexOf(':') < 0 ? name : "[" + name + "]", getLocalPort());
	}

	/** Accepts nobody any more, and closes when all that run have ended. */
	void drain(Duration most) {
		try {
			shutdown().get(most.toMillis(), TimeUnit.MILLISECONDS);
		} catch (ExecutionException | TimeoutException e) {
			// what still runs has had its time
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		} finally {
			getServer().removeConnector(this);
			LifeCycle.stop(this);
		}
	}

	@Override
	protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
		var endPoint = new WatchingEndPoint(channel, selector, key, getScheduler());
		endPoint.setIdleTimeout(getIdleTimeout());
		return endPoint;
	}
}
