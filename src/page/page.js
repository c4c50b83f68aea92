'use strict';
new EventSource('/api/events').addEventListener('summary', (event) => {
    document.getElementById('out').textContent = JSON.stringify(JSON.parse(event.data), null, 1);
});
