const remote = 'http://{{domains[www1]}}:{{ports[http][0]}}';
const secure = 'https://{{host}}:{{ports[https][0]}}';
