<?php
// The floor of a rewrite: callme as plain PHP, without what the protocol has gained since. One file, one connection a
// request, plain statements on callme's tables, each a commit of its own; no locks, no retries, nothing in memory. So it
// promises nothing that two requests at once can spoil: it may hand a number out twice.
declare(strict_types=1);

const QUERIES = ['seller_list', 'menu', 'fetch', 'note', 'push', 'hungry', 'call', 'done'];
const OF_SELLERS = ['fetch', 'note', 'call'];
const ORDERS_A_PERSON = 5;

const ALIVE = "SELECT accounts_session.person_id AS person, sellers_seller.id AS seller,
    months > 0 AND NOT switched_off AS open
    FROM accounts_session LEFT JOIN sellers_seller ON sellers_seller.person_id = accounts_session.person_id
    WHERE digest = '%s' AND started_at > UTC_TIMESTAMP(6) - INTERVAL %d MINUTE";

/** Returns the whole number that was sent, else 0, which is nobody's. */
function number(array $body, string $name): int {
    $text = trim((string) ($body[$name] ?? ''));
    return ctype_digit($text) ? (int) $text : 0;
}

/** Returns the WHERE of the live order that the request names, of this seller. */
function order(int $seller, array $body): string {
    return sprintf('seller_id = %d AND live_number = %d', $seller, number($body, 'marchSn'));
}

// Each returns what success carries, or the failMsg.

function seller_list(mysqli $db, array $caller, array $body): array|string {
    $list = [];
    $sellers = $db->query('SELECT id, name, picture FROM sellers_seller
        WHERE months > 0 AND NOT switched_off AND person_id IS NOT NULL ORDER BY id');
    foreach ($sellers as ['id' => $id, 'name' => $name, 'picture' => $picture]) {
        $url = $picture === '' ? '' : getenv('PUBLIC_URL') . "/media/$picture";
        $list[count($list) + 1] = ['id' => (int) $id, 'name' => $name, 'imageURL' => $url];
    }
    return $list ? ['count' => count($list), 'list' => $list] : 'Null List Error';
}

function menu(mysqli $db, array $caller, array $body): array|string {
    $seller = $db->query('SELECT name, menu FROM sellers_seller WHERE months > 0 AND NOT switched_off
        AND id = ' . number($body, 'sellerId'))->fetch_assoc();
    if (!$seller) {
        return 'Illegal Seller Error';
    }
    $success = ['menuContent' => json_decode($seller['menu']), 'sellerName' => $seller['name'], 'takenFlag' => 'fail'];
    $taken = $db->query("SELECT seller_id, name, number, note
        FROM queueing_order JOIN sellers_seller ON sellers_seller.id = seller_id
        WHERE buyer_id = $caller[person] AND live_number IS NOT NULL
        ORDER BY taken_at, queueing_order.id LIMIT 1")->fetch_assoc();
    return !$taken ? $success : [
        ...$success,
        'takenFlag' => 'success',
        'takenSellerId' => (int) $taken['seller_id'],
        'takenSellerName' => $taken['name'],
        'takenMarchSn' => (int) $taken['number'],
        'takenMenuName' => $taken['note'],
    ];
}

function fetch(mysqli $db, array $caller, array $body): array|string {
    if (!$caller['open']) {
        return 'Due Date Error';
    }
    $rows = $db->query("SELECT live_number FROM queueing_order
        WHERE seller_id = $caller[seller] AND live_number IS NOT NULL")->fetch_all();
    $free = array_diff(range(1, 99), array_column($rows, 0));
    if (!$free) {
        return 'No Sn Valid';
    }
    $number = min($free);
    $db->query("INSERT INTO queueing_order (seller_id, number, live_number, note, taken_at, ending)
        VALUES ($caller[seller], $number, $number, '', UTC_TIMESTAMP(6), '')");
    return ['marchSn' => $number];
}

function note(mysqli $db, array $caller, array $body): array|string {
    $lists = ['notedList' => [], 'unnotedList' => []];
    $orders = $db->query("SELECT number, buyer_id, note,
        TIMESTAMPDIFF(SECOND, '1970-01-01', taken_at) AS taken, TIMESTAMPDIFF(SECOND, '1970-01-01', called_at) AS called
        FROM queueing_order WHERE seller_id = $caller[seller] AND live_number IS NOT NULL ORDER BY taken_at, id");
    foreach ($orders as ['number' => $number, 'buyer_id' => $buyer, 'note' => $note, 'taken' => $taken, 'called' => $called]) {
        $lists[$buyer ? 'notedList' : 'unnotedList'][] = [
            'marchSn' => (int) $number,
            'noteContent' => $buyer ? $note : null,
            'called' => $called !== null,
            'takenAt' => (int) $taken,
            'calledAt' => $called === null ? null : (int) $called,
        ];
    }
    return ['sellerId' => (int) $caller['seller'], 'noteContent' => $lists, 'orderList' => $lists];
}

function push(mysqli $db, array $caller, array $body): array|string {
    $order = order(number($body, 'sellerId'), $body);
    $note = $body['noteContent'] ?? null;
    if (!is_string($note) || !preg_match('/\A[^\0]{0,200}\z/u', $note)) {
        return 'Invalid Note Error';
    }
    $found = $db->query("SELECT id, buyer_id, note FROM queueing_order WHERE $order")->fetch_assoc();
    if (!$found) {
        return 'Invalid Sn Error';
    }
    if ($found['buyer_id']) {
        return $found['buyer_id'] === $caller['person'] && $found['note'] === $note ? [] : 'Taken Error';
    }
    $held = $db->query("SELECT COUNT(*) FROM queueing_order
        WHERE buyer_id = $caller[person] AND live_number IS NOT NULL")->fetch_column();
    if ($held >= ORDERS_A_PERSON) {
        return 'Too Many Error';
    }
    $db->query("UPDATE queueing_order SET buyer_id = $caller[person], bound_at = UTC_TIMESTAMP(6),
        note = '{$db->real_escape_string($note)}' WHERE id = $found[id]");
    return [];
}

function hungry(mysqli $db, array $caller, array $body): array|string {
    $order = order(number($body, 'sellerId'), $body);
    $found = $db->query("SELECT buyer_id, called_at FROM queueing_order WHERE $order")->fetch_assoc();
    $ready = $found && $found['called_at'] && in_array($found['buyer_id'], [null, $caller['person']], true);
    return $ready ? [] : 'Not Ready Yet';
}

function call(mysqli $db, array $caller, array $body): array|string {
    $db->query('UPDATE queueing_order SET called_at = COALESCE(called_at, UTC_TIMESTAMP(6)),
        last_called_at = UTC_TIMESTAMP(6) WHERE ' . order((int) $caller['seller'], $body));
    return $db->affected_rows ? [] : 'Invalid Sn Error';
}

function done(mysqli $db, array $caller, array $body): array|string {
    $stall = ($body['isseller'] ?? '') === 'yes';
    if ($stall && !$caller['seller']) {
        return 'Invalid Session Error';
    }
    $order = order($stall ? (int) $caller['seller'] : number($body, 'sellerId'), $body);
    [$ending, $own] = $stall ? ['ended', ''] : ['collected', "AND buyer_id = $caller[person]"];
    $db->query("UPDATE queueing_order SET live_number = NULL, closed_at = UTC_TIMESTAMP(6), ending = '$ending'
        WHERE $order $own");
    $left = !$db->affected_rows && $db->query("SELECT 1 FROM queueing_order WHERE $order")->fetch_row();
    return $left ? 'Invalid Sn Error' : [];
}

/** Returns the whole answer. */
function answer(array $body): array {
    $query = $body['query'] ?? '';
    if (!in_array($query, QUERIES, true) || !is_string($body['sessionKey'] ?? null)) {
        return ['queryErr' => 'Illegal query'];
    }
    $db = new mysqli(null, getenv('DB_USER'), '', getenv('DB_NAME'), 0, getenv('DB_SOCKET'));
    $digest = hash('sha256', $body['sessionKey']);
    $caller = $db->query(sprintf(ALIVE, $digest, getenv('SESSION_MINUTES')))->fetch_assoc();
    if (!$caller) {
        return ['queryErr' => 'Session Time Out'];
    }
    $stranger = in_array($query, OF_SELLERS) && !$caller['seller'];
    $result = $stranger ? 'Invalid Session Error' : $query($db, $caller, $body);
    return is_array($result)
        ? ["{$query}Success" => 'success', ...$result]
        : ["{$query}Success" => 'fail', 'failMsg' => $result];
}

$body = $_POST ?: json_decode(file_get_contents('php://input'), true);
try {
    $answer = answer(is_array($body) ? $body : []);
} catch (mysqli_sql_exception $error) {  // a deadlock, or no database
    http_response_code(500);
    $answer = ['queryErr' => 'Server Error'];
}
$text = json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
header('Content-Type: application/json');
header('Content-Length: ' . strlen($text));
echo $text;
